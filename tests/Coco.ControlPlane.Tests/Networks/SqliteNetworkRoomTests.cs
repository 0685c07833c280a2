namespace Coco.ControlPlane.Tests.Networks;

public sealed class SqliteNetworkRoomTests() : NetworkRoomTests(null);
