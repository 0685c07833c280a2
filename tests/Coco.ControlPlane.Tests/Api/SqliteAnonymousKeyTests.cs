namespace Coco.ControlPlane.Tests.Api;

public sealed class SqliteAnonymousKeyTests() : AnonymousKeyTests(null);
