namespace Coco.ControlPlane.Tests.OAuth;

public sealed class SqliteLockedOwnerTests() : LockedOwnerTests(null);
