namespace Coco.ControlPlane.Tests.Operations;

public sealed class PostgreSqlAuditTests(PostgreSqlServer server) : AuditTests(server);
