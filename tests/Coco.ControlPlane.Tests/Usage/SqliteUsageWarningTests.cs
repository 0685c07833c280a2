namespace Coco.ControlPlane.Tests.Usage;

public sealed class SqliteUsageWarningTests() : UsageWarningTests(null);
