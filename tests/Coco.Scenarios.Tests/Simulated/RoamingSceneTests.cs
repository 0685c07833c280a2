namespace Coco.Scenarios.Tests.Simulated;

public sealed class RoamingSceneTests
{
    [Fact]
    public void A_scene_in_which_anybody_sends_plaintext_fails()
    {
        using var scene = new RoamingScene();
        byte[] packet = [1, .. StreamPattern.Marker, 2];
        Assert.ThrowsAny<Xunit.Sdk.XunitException>(() => scene.Internet.Inject("203.0.113.1:1", "198.51.100.10:2", packet));
    }
}
