namespace Coco.ControlPlane.Tests.Apps;

public sealed class SqliteAppDeletionTests() : AppDeletionTests(null);
