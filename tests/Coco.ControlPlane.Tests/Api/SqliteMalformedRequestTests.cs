namespace Coco.ControlPlane.Tests.Api;

public sealed class SqliteMalformedRequestTests() : MalformedRequestTests(null);
