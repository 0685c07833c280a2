using Coco.Transport.Links;
using Coco.Traversal.Links;

namespace Coco.Transport.Tests.Links;

/// <summary>Links leave no descriptors behind.</summary>
[Collection("alone")] // those of the process are counted
public sealed class LinkDescriptorTests
{
    [Theory, InlineData(LinkKind.Tcp, 200), InlineData(LinkKind.WebSocket, 40)]
    public async Task Opening_and_closing_many_links_leaks_no_descriptor(LinkKind kind, int count)
    {
        Assert.SkipUnless(Directory.Exists("/proc/self/fd"), "descriptors are counted on Linux");
        await using LinkEnd a = new(new() { Proxy = ProxyOptions.None, MaxOpening = 200 }), b = new(new() { MaxUnauthenticatedPerAddress = 200 });
        var url = await b.ListenWebSocketAsync();
        var address = await b.ListenTcpAsync();
        var before = 0;
        for (var round = 0; round < 2; round++) // the first loads what stays
        {
            for (var i = 0; i < count; i++)
            {
                if (kind is LinkKind.Tcp) { a.Set.OpenTcp(i, address, fromListeningPort: false); }
                else { a.Set.OpenWebSocket(i, url); }
            }
            for (var i = 0; i < count; i++) { a.Set.Close((await a.Sink.AwaitAsync<LinkEvent.Opened>()).Link); }
            for (var i = 0; i < count; i++) { await b.Sink.AwaitAsync<LinkEvent.Closed>(); }
            while (a.Set.Count > 0) { await Task.Yield(); }
            if (round == 0) { before = Descriptors(); }
        }

        Assert.InRange(Descriptors(), 1, before + 10); // the pools of the runtime have some of their own
    }

    private static int Descriptors() => Directory.GetFileSystemEntries("/proc/self/fd").Length;
}
