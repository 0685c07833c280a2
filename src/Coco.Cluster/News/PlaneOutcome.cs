namespace Coco.Cluster.News;

/// <summary>What a control plane makes of news.</summary>
internal enum PlaneOutcome : byte
{
    /// <summary>It takes them, or has taken them.</summary>
    Taken = 0,

    /// <summary>Nobody has brought the network there, or the node is not one of the owner's or of an admin's, as far as is known there: strangers do not learn which.</summary>
    NotHere = 1,

    /// <summary>Not all could be taken now: the plan has no room.</summary>
    Later = 2,
}
