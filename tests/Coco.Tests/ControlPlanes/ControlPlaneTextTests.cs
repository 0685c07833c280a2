using Coco.Cluster.Statements;
using Coco.ControlPlanes;
using Coco.Crypto;
using Coco.Traversal;

namespace Coco.Tests.ControlPlanes;

public sealed class ControlPlaneTextTests
{
    private static readonly NodeId Id = IdentityKey.Generate(new SeededRandomSource(3)).Id;

    [Theory]
    [InlineData("192.0.2.1:443")]
    [InlineData("192.0.2.1:443,[2001:db8::1]:443,wss://plane.example/coco,https://plane.example/api")]
    [InlineData("wss://192.0.2.1:443")]
    [InlineData("https://plane.example")]
    [InlineData("")]
    public void What_is_written_is_read_as_it_was(string text)
    {
        var info = ControlPlaneText.Read(new(Id, text));
        Assert.Equal(new ControlPlaneEntry(Id, text), ControlPlaneText.Write(info));
        Assert.Equal(text.Contains(":443", StringComparison.Ordinal), info.ToRelay() is not null);
    }

    [Fact]
    public void What_is_not_understood_is_a_later_versions_and_no_reason_to_read_no_more()
    {
        var info = ControlPlaneText.Read(new(Id, "quic-mask:7,0.0.0.0:443,,192.0.2.1:443,http://plane.example,https://a@plane.example,wss://plane.example,wss://other.example"));
        Assert.Equal([Address("192.0.2.1:443")], info.Addresses);
        Assert.Equal(("wss://plane.example", null), (info.Url, info.Api));
    }

    [Fact]
    public void What_cannot_be_written_down_is_refused()
    {
        Assert.Throws<ArgumentException>(() => ControlPlaneText.Write(new(default, [Address("192.0.2.1:443")])));
        Assert.Throws<ArgumentException>(() => ControlPlaneText.Write(new(Id, [], "ws://plane.example")));
        Assert.Throws<ArgumentException>(() => ControlPlaneText.Write(new(Id, [], "wss://plane.example/a,b")));
        Assert.Throws<ArgumentException>(() => ControlPlaneText.Write(new(Id, [], null, new("http://plane.example"))));
        Assert.Throws<ArgumentException>(() => ControlPlaneText.Write(new(Id, [Address("0.0.0.0:443")])));
        Assert.Throws<ArgumentException>(() => ControlPlaneText.Write(new(Id, [], null, new("https://plane.example/" + new string('a', 250)))));
    }

    [Fact] // seeded: a statement of a member says it, so whatever it says is read
    public void Any_text_is_read()
    {
        var random = new Random(11);
        string[] parts = ["192.0.2.1:443", "[2001:db8::1]:443", "wss://", "https://", "wss://a/", "https://a", ",", "[", ":", "%", "\u0000", "\ud83d\ude00", "@", "99999"];
        var count = Environment.GetEnvironmentVariable("COCO_ALL") == "1" ? 1_000_000 : 20_000;
        for (var i = 0; i < count; i++)
        {
            var text = string.Concat(Enumerable.Range(0, random.Next(12)).Select(_ => parts[random.Next(parts.Length)]));
            var info = ControlPlaneText.Read(new(Id, text));
            _ = info.ToRelay();
            Assert.Equal(info.Addresses, ControlPlaneText.Read(ControlPlaneText.Write(info)).Addresses);
        }
    }

    private static NetworkAddress Address(string text) => NetworkAddress.TryParse(text, out var address) ? address : throw new FormatException(text);
}
