namespace Coco.ControlPlane.Tests.Networks;

public sealed class PostgreSqlNetworkRoomTests(PostgreSqlServer server) : NetworkRoomTests(server);
