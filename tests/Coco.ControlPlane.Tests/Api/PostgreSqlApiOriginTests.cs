namespace Coco.ControlPlane.Tests.Api;

public sealed class PostgreSqlApiOriginTests(PostgreSqlServer server) : ApiOriginTests(server);
