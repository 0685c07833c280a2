namespace Coco.ControlPlane.Tests.Apps;

public sealed class SqliteExternalUserSecrecyTests() : ExternalUserSecrecyTests(null);
