using System.Diagnostics.CodeAnalysis;
using Coco.Crypto;
using Coco.Traversal.Records;

namespace Coco.Traversal.Relays;

/// <summary>Records that other relays of the same owner know, and that they are told.</summary>
internal sealed partial class RelayServer
{
    private readonly RelayQuestions _questions = new(options.MaxWaitingLookups);
    private readonly Queue<AddressRecord> _published = [];

    /// <summary>Takes the identity of a node that a client asks for and that is not registered here. Each is answered by one <see cref="HandleFound"/>
    /// or <see cref="HandleNotAnswered"/>, soon.</summary>
    public bool TryTakeQuestion(out NodeId target) => _questions.TryTake(out target);

    /// <summary>What others know of a node; null for nothing.</summary>
    public void HandleFound(NodeId target, AddressRecord? record)
    {
        if (record?.Id == target) { _records.TryAdd(record); }
        var newest = _records.Find(target);
        foreach (var (number, request) in _questions.Answer(target))
        {
            if (_clients.TryGetValue(number, out var client)) { Send(client, new RelayMessage.Found(request, newest)); }
        }
    }

    /// <summary>Others could not be asked, or did not answer in time: whoever asked may ask again.</summary>
    public void HandleNotAnswered(NodeId target)
    {
        var newest = _records.Find(target);
        foreach (var (number, request) in _questions.Answer(target))
        {
            if (!_clients.TryGetValue(number, out var client)) { continue; }
            if (newest is null) { Refuse(client, request, RelayRefusal.Busy); }
            else { Send(client, new RelayMessage.Found(request, newest)); }
        }
    }

    /// <summary>Takes a record that a client of ours published, for others to be told.</summary>
    public bool TryTakePublished([NotNullWhen(true)] out AddressRecord? record) => _published.TryDequeue(out record);

    // Who is registered here says here where it is. Of all others we may know what held before they went elsewhere.
    private void Resolve(RelayServerClient client, RelayMessage.Resolve message)
    {
        if (!MayKnow(client, message.Target)) { Send(client, new RelayMessage.Found(message.Request, null)); }
        else if (!options.HasPresence || _registered.ContainsKey(message.Target) || !_questions.TryAdd(message.Target, client.Number, message.Request))
        {
            Send(client, new RelayMessage.Found(message.Request, _records.Find(message.Target)));
        }
    }
}
