using Coco.Cluster.Graph;
using Coco.Crypto;

namespace Coco.Cluster.Lookup;

/// <summary>One question to the directory, put to one core node after the other.</summary>
/// <param name="number">By which answers name it.</param>
/// <param name="node">Whose identity is sought; default where it is a name.</param>
/// <param name="name">The name that is sought; null where it is an identity.</param>
internal sealed class DirectoryLookup(ulong number, NodeId node, string? name)
{
    private readonly Queue<NodeId> _keepers = new();

    public ulong Number { get; } = number;

    public NodeId Node { get; } = node;

    public string? Name { get; } = name;

    public NodeTag Key { get; } = name is null ? DirectoryKey.Of(node) : DirectoryKey.Of(name);

    /// <summary>Who is asked now.</summary>
    public NodeId Keeper { get; private set; }

    /// <summary>Whether the question went out, and an answer is waited for; until then a connection is.</summary>
    public bool IsSent { get; set; }

    /// <summary>When the next is asked.</summary>
    public TimeSpan Deadline { get; private set; }

    /// <summary>Core nodes asked so far.</summary>
    public int Asked { get; private set; }

    /// <summary>Whether any has said that it knows of none.</summary>
    public bool IsAnswered { get; set; }

    /// <summary>Whether it is not known yet whom to ask.</summary>
    public bool IsWaiting => Asked == 0 && _keepers.Count == 0;

    /// <summary>Waits for a core node to become known.</summary>
    public void Wait(TimeSpan deadline) => Deadline = deadline;

    /// <summary>Says who may know, the first to be asked first.</summary>
    public void Begin(IEnumerable<NodeId> keepers)
    {
        foreach (var keeper in keepers) { _keepers.Enqueue(keeper); }
    }

    /// <summary>Goes on to the next core node; false when there is none.</summary>
    public bool TryNext(TimeSpan deadline)
    {
        IsSent = false;
        if (!_keepers.TryDequeue(out var next)) { return false; }
        (Keeper, Deadline) = (next, deadline);
        Asked++;
        return true;
    }
}
