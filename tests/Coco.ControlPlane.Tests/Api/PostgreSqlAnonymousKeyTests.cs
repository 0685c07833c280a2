namespace Coco.ControlPlane.Tests.Api;

public sealed class PostgreSqlAnonymousKeyTests(PostgreSqlServer server) : AnonymousKeyTests(server);
