namespace Coco.Telemetry;

/// <summary>Something that is done with messages, with the attributes of its measurements, which are made once.</summary>
internal sealed class MessagingOperation
{
    public static readonly MessagingOperation SendMessage = new("send", "send", "messages");
    public static readonly MessagingOperation Request = new("request", "send", "requests");
    public static readonly MessagingOperation ProcessMessage = new("process", "process", "messages");
    public static readonly MessagingOperation ProcessRequest = new("process", "process", "requests");
    public static readonly MessagingOperation Publish = new("publish", "send", "topics");
    public static readonly MessagingOperation ProcessTopic = new("process", "process", "topics");

    private MessagingOperation(string name, string type, string part) =>
        (Name, Tags) = (name, [new("messaging.system", "coco"), new("messaging.operation.name", name), new("messaging.operation.type", type), new("coco.part", part)]);

    public string Name { get; }

    public KeyValuePair<string, object?>[] Tags { get; }
}
