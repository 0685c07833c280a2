namespace Coco.ControlPlane.Tests.Accounts;

public sealed class PostgreSqlOperatorTokenTests(PostgreSqlServer server) : OperatorTokenTests(server);
