namespace Coco.ControlPlane.Tests.Networks;

public sealed class PostgreSqlDelegatedNetworkTests(PostgreSqlServer server) : DelegatedNetworkTests(server);
