namespace Coco.Cluster.Lookup;

/// <summary>Under which of its keys a node wants to be found at a core node.</summary>
[Flags]
internal enum DirectoryPlaces : byte
{
    None = 0,
    Identity = 1,
    Name = 2,
}
