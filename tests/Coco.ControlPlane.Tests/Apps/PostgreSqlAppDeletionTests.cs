namespace Coco.ControlPlane.Tests.Apps;

public sealed class PostgreSqlAppDeletionTests(PostgreSqlServer server) : AppDeletionTests(server);
