namespace Coco.ControlPlane.Tests.Accounts;

public sealed class SqliteOperatorTokenTests() : OperatorTokenTests(null);
