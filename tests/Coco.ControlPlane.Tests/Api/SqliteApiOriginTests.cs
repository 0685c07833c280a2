namespace Coco.ControlPlane.Tests.Api;

public sealed class SqliteApiOriginTests() : ApiOriginTests(null);
