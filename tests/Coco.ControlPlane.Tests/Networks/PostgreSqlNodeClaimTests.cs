namespace Coco.ControlPlane.Tests.Networks;

public sealed class PostgreSqlNodeClaimTests(PostgreSqlServer server) : NodeClaimTests(server);
