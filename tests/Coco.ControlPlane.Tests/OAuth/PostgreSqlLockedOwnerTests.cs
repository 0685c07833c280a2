namespace Coco.ControlPlane.Tests.OAuth;

public sealed class PostgreSqlLockedOwnerTests(PostgreSqlServer server) : LockedOwnerTests(server);
