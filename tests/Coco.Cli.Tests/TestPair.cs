namespace Coco.Cli.Tests;

/// <summary>A laptop that owns the network home, and a kitchen that has joined it; each sees the other.</summary>
internal sealed class TestPair : IAsyncDisposable
{
    private TestPair(TestDaemon laptop, TestDaemon kitchen) => (Laptop, Kitchen) = (laptop, kitchen);

    public TestDaemon Laptop { get; }

    public TestDaemon Kitchen { get; }

    public static async Task<TestPair> StartAsync()
    {
        var pair = new TestPair(await TestDaemon.StartAsync(), await TestDaemon.StartAsync());
        await pair.Laptop.DoAsync("net", "create", "home", "--node-name", "laptop");
        await pair.Laptop.InviteAsync(pair.Kitchen, "kitchen");
        await pair.Laptop.SeesAsync("kitchen");
        await pair.Kitchen.SeesAsync("laptop");
        return pair;
    }

    public async ValueTask DisposeAsync()
    {
        await Kitchen.DisposeAsync();
        await Laptop.DisposeAsync();
    }
}
