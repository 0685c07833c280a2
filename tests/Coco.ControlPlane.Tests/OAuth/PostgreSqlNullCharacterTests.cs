namespace Coco.ControlPlane.Tests.OAuth;

public sealed class PostgreSqlNullCharacterTests(PostgreSqlServer server) : NullCharacterTests(server);
