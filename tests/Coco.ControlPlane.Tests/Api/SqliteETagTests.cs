namespace Coco.ControlPlane.Tests.Api;

public sealed class SqliteETagTests() : ETagTests(null);
