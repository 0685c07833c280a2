namespace Coco.Cluster.Tests.Mesh;

internal enum MeshEventCode
{
    Timer,
    Message,
    Connected,
    Down,
}
