namespace Coco.Cluster.Statements;

/// <summary>Which certificates of an office that was closed stay valid.</summary>
internal enum KeepKind : byte
{
    None = 0,

    /// <summary>All, those the office signs from now on too: only for a holder that is trusted to stop.</summary>
    All = 1,
    Listed = 2,
}
