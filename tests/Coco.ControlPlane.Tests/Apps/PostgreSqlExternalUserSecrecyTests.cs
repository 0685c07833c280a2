namespace Coco.ControlPlane.Tests.Apps;

public sealed class PostgreSqlExternalUserSecrecyTests(PostgreSqlServer server) : ExternalUserSecrecyTests(server);
