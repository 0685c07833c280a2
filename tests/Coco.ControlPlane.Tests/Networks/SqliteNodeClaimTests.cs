namespace Coco.ControlPlane.Tests.Networks;

public sealed class SqliteNodeClaimTests() : NodeClaimTests(null);
