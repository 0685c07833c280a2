namespace Coco.ControlPlane.Tests.Networks;

public sealed class SqliteDelegatedNetworkTests() : DelegatedNetworkTests(null);
