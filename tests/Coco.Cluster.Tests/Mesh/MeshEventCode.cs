namespace Coco.Cluster.Tests.Mesh;

internal enum MeshEventCode
{
    Start,
    Timer,
    Message,
    Connecting,
    Connected,
    Down,
}
