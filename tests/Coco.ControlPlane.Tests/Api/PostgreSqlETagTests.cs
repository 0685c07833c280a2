namespace Coco.ControlPlane.Tests.Api;

public sealed class PostgreSqlETagTests(PostgreSqlServer server) : ETagTests(server);
