namespace Coco.ControlPlane.Tests.Usage;

public sealed class PostgreSqlUsageWarningTests(PostgreSqlServer server) : UsageWarningTests(server);
