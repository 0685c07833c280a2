using System.Buffers;
using Coco.Cluster.Statements;

namespace Coco.Cluster.Members;

/// <summary>How far the exchange of statements with one peer is.</summary>
internal sealed class SyncPeer(TimeSpan now)
{
    /// <summary>The heads it is telling, while more follow.</summary>
    public List<ChainHead> Heads { get; } = [];

    public List<StatementId> Wants { get; } = [];

    /// <summary>Whether all its heads are there and wait for an answer.</summary>
    public bool IsWaiting { get; set; }

    /// <summary>The package it is sending; null while it sends none.</summary>
    public ArrayBufferWriter<byte>? Package { get; set; }

    /// <summary>When it may be given a package again.</summary>
    public TimeSpan PackageFrom { get; set; }

    /// <summary>When one is looked at again that it sends.</summary>
    public TimeSpan PackageTakenFrom { get; set; }

    /// <summary>Answers in a row that brought nothing.</summary>
    public int Vain { get; set; }

    /// <summary>When to ask it again for what is missing; null for not.</summary>
    public TimeSpan? AskAt { get; set; }

    /// <summary>Whether our heads are to be told as soon as its credit allows.</summary>
    public bool OwesHeads { get; set; }

    public double Credit { get; private set; } = double.MaxValue;

    private TimeSpan _creditAt = now;

    /// <summary>Bytes it may be sent now, of which so many come back per second and sixteen times as many can be saved.</summary>
    public double Earn(int perSecond, TimeSpan now)
    {
        Credit = Math.Min(perSecond * 16.0, Credit + ((now - _creditAt).TotalSeconds * perSecond));
        _creditAt = now;
        return Credit;
    }

    public void Pay(int bytes) => Credit -= bytes;
}
