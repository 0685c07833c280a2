namespace Coco.ControlPlane.Tests.Operations;

public sealed class SqliteAuditTests() : AuditTests(null);
