namespace Coco.Messages;

/// <summary>One enumeration of messages: those it has taken, in order. Under the journal's lock.</summary>
internal sealed class MessageConsumer(string? subject)
{
    /// <summary>Which messages; null for those nobody asks for by subject.</summary>
    public string? Subject => subject;

    /// <summary>Those taken and not handed to the app.</summary>
    public Queue<ReceivedMessage> Taken { get; } = new();

    /// <summary>Those the app has.</summary>
    public HashSet<ReceivedMessage> HandedOut { get; } = [];

    public AsyncSignal Signal { get; } = new();

    public bool IsOver { get; set; }
}
