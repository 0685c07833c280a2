namespace Coco.ControlPlane.Tests.Api;

public sealed class PostgreSqlMalformedRequestTests(PostgreSqlServer server) : MalformedRequestTests(server);
