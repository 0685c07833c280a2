namespace Coco.ControlPlane.Tests.OAuth;

public sealed class PostgreSqlConsentTests(PostgreSqlServer server) : ConsentTests(server);
