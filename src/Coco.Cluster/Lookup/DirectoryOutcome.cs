namespace Coco.Cluster.Lookup;

/// <summary>What became of a question to the directory.</summary>
internal enum DirectoryOutcome
{
    /// <summary>The node is known now, and where it is.</summary>
    Found,

    /// <summary>The core nodes that would know it do not.</summary>
    NotFound,

    /// <summary>None of those core nodes answered.</summary>
    NoAnswer,
}
