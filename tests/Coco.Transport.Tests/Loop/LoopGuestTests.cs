using System.Diagnostics;
using Coco.Transport.Loop;
using Coco.Transport.Tests.Endpoints;

namespace Coco.Transport.Tests.Loop;

/// <summary>Apps' code on the endpoint's thread, and what goes on while it stays there.</summary>
[Collection(nameof(EndpointCostTests))]
public sealed class LoopGuestTests
{
    private const string ThreadName = "Coco endpoint";

    private static readonly TimeSpan Patience = EndpointPair.Patience;

    [Fact]
    public async Task A_guest_goes_on_on_the_endpoints_thread_which_has_let_go_of_the_loop()
    {
        await using var pair = await EndpointPair.StartAsync();
        var loop = pair.Client.Loop;
        await HostAsync(loop, () =>
        {
            Assert.Equal(ThreadName, Thread.CurrentThread.Name);
            Assert.False(loop.IsCurrent);
        });
        await AskAsync(loop, () => Assert.True(loop.IsCurrent));
    }

    [Fact]
    public async Task Who_goes_on_elsewhere_than_on_the_endpoints_thread_is_the_pools()
    {
        await using var pair = await EndpointPair.StartAsync();
        var here = new Guest(static () => Assert.True(Thread.CurrentThread.IsThreadPoolThread));
        EndpointLoop.GoOn(here);
        await here.Task.WaitAsync(Patience);
        var inGuest = new Guest(static () => Assert.True(Thread.CurrentThread.IsThreadPoolThread));
        await HostAsync(pair.Client.Loop, () => EndpointLoop.GoOn(inGuest)); // its thread has let go of the loop
        await inGuest.Task.WaitAsync(Patience);
    }

    [Fact]
    public async Task What_a_guest_leaves_in_its_context_nobody_else_finds()
    {
        await using var pair = await EndpointPair.StartAsync();
        var local = new AsyncLocal<int> { Value = 1 };
        await HostAsync(pair.Client.Loop, () =>
        {
            Assert.Equal(0, local.Value); // nobody's flows here either
            local.Value = 2;
            SynchronizationContext.SetSynchronizationContext(new());
        });
        await HostAsync(pair.Client.Loop, () =>
        {
            Assert.Equal(0, local.Value);
            Assert.Null(SynchronizationContext.Current);
        });
        await AskAsync(pair.Client.Loop, () => Assert.Equal(0, local.Value));
    }

    [Fact]
    public async Task While_a_guest_blocks_the_endpoint_goes_on_with_all_else_and_then_without_it()
    {
        await using var pair = await EndpointPair.StartAsync();
        var (client, server) = await pair.OpenStreamAsync();
        var loop = pair.Server.Loop;
        using var mayLeave = new ManualResetEventSlim();
        var first = new TaskCompletionSource<Thread>(TaskCreationOptions.RunContinuationsAsynchronously);
        var record = new GuestRecord();
        var behind = new Guest(static () => { });
        Guest blocking;
        do
        {
            // On the pool, where the endpoint has something else to do at the moment, it leaves at once.
            blocking = new(() =>
            {
                if (Thread.CurrentThread.Name != ThreadName) { return; }
                first.SetResult(Thread.CurrentThread);
                mayLeave.Wait(Patience);
            }, record);
            await AskAsync(loop, () =>
            {
                EndpointLoop.GoOn(blocking);
                EndpointLoop.GoOn(behind);
            });
        }
        while (await Task.WhenAny(first.Task, blocking.Task).WaitAsync(Patience) == blocking.Task);

        for (var i = 0; i < 20; i++)
        {
            await client.WriteAsync(new byte[100]).AsTask().WaitAsync(Patience);
            await server.ReadExactlyAsync(new byte[100]).AsTask().WaitAsync(Patience);
            await server.WriteAsync(new byte[100]).AsTask().WaitAsync(Patience);
            await client.ReadExactlyAsync(new byte[100]).AsTask().WaitAsync(Patience);
        }
        await behind.Task.WaitAsync(Patience);
        Assert.False(blocking.Task.IsCompleted);
        Thread? second = null;
        await AskAsync(loop, () => second = Thread.CurrentThread);
        Assert.NotEqual(await first.Task, second);
        Assert.Equal(ThreadName, second!.Name);
        Assert.False(record.MayCome(loop.Now));

        mayLeave.Set();
        await blocking.Task.WaitAsync(Patience);
        Assert.True((await first.Task).Join(Patience)); // it is nobody's any more
        await AskAsync(loop, () => Assert.Equal(second, Thread.CurrentThread));
    }

    [Fact]
    public async Task A_guest_may_wait_for_the_end_of_the_endpoint_that_hosts_it()
    {
        await using var pair = await EndpointPair.StartAsync();
        await pair.OpenStreamAsync();
        await HostAsync(pair.Client.Loop, () => Assert.True(pair.Client.DisposeAsync().AsTask().Wait(Patience)));
        var late = new Guest(static () => { });
        Assert.True(pair.Client.Loop.HasEnded);
        EndpointLoop.GoOn(late);
        await late.Task.WaitAsync(Patience);
    }

    [Fact]
    public async Task Guests_that_come_as_an_endpoint_ends_go_on_all_the_same()
    {
        await using var pair = await EndpointPair.StartAsync();
        var guests = Enumerable.Range(0, 100).Select(static _ => new Guest(static () => { })).ToArray();
        var loop = pair.Client.Loop;
        loop.Post(new Ask(() =>
        {
            foreach (var guest in guests) { EndpointLoop.GoOn(guest); }
            loop.Stop();
            EndpointLoop.GoOn(guests[0]);
        }));
        await Task.WhenAll(guests.Select(static guest => guest.Task)).WaitAsync(Patience);
    }

    [Fact]
    public async Task Guests_of_all_manners_writers_and_posts_at_once_leave_one_owner_of_the_loop()
    {
        await using var pair = await EndpointPair.StartAsync();
        var (client, server) = await pair.OpenStreamAsync();
        var loop = pair.Client.Loop;
        var (inside, took) = (0, Stopwatch.StartNew());
        var echo = EchoAsync();
        var random = new Random(2);
        var (hosted, posted) = (0, 0);
        while (took.Elapsed < TimeSpan.FromSeconds(3))
        {
            var stay = random.Next(200) == 0 ? 20 : 0; // some outstay
            var guest = new Guest(() =>
            {
                if (Thread.CurrentThread.Name == ThreadName) { hosted++; }
                if (stay > 0) { Thread.Sleep(stay); }
            });
            var ask = AskAsync(loop, () =>
            {
                Assert.Equal(1, Interlocked.Increment(ref inside));
                posted++;
                EndpointLoop.GoOn(guest);
                Interlocked.Decrement(ref inside);
            });
            var data = new byte[random.Next(1, 1000)];
            random.NextBytes(data);
            await client.WriteAsync(data).AsTask().WaitAsync(Patience);
            var back = new byte[data.Length];
            await client.ReadExactlyAsync(back).AsTask().WaitAsync(Patience);
            Assert.Equal(data, back);
            await ask.WaitAsync(Patience);
            await guest.Task.WaitAsync(Patience);
            if (random.Next(4) == 0) { await Task.Delay(1); }
        }
        Assert.InRange(hosted, 1, posted);
        await client.CompleteWritesAsync();
        await echo.WaitAsync(Patience);

        async Task EchoAsync()
        {
            var buffer = new byte[2000];
            while (await server.ReadAsync(buffer) is > 0 and var count) { await server.WriteAsync(buffer.AsMemory(0, count)); }
        }
    }

    [Fact]
    public async Task Who_watches_guests_sleeps_when_there_are_none()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "how often a thread was woken is read from /proc");
        await using var pair = await EndpointPair.StartAsync();
        await HostAsync(pair.Client.Loop, static () => { });
        var watch = Directory.GetDirectories("/proc/self/task").Single(static task => File.ReadAllText($"{task}/comm").Trim() == "Coco guests");
        for (var since = Stopwatch.StartNew(); since.Elapsed < Patience;)
        {
            var before = Wakes();
            await Task.Delay(300); // some seventy looks
            if (Wakes() == before) { return; }
        }
        Assert.Fail("the watch never sleeps");

        string Wakes() => File.ReadLines($"{watch}/status").Single(static line => line.StartsWith("voluntary_ctxt_switches", StringComparison.Ordinal));
    }

    // As a guest, sooner or later: the endpoint may have something else to do.
    private static async Task HostAsync(EndpointLoop loop, Action action)
    {
        for (var since = Stopwatch.StartNew(); since.Elapsed < Patience;)
        {
            var isHosted = false;
            var guest = new Guest(() =>
            {
                if (Thread.CurrentThread.Name != ThreadName) { return; }
                isHosted = true;
                action();
            });
            await AskAsync(loop, () => EndpointLoop.GoOn(guest));
            await guest.Task.WaitAsync(Patience);
            if (isHosted) { return; }
        }
        Assert.Fail("the endpoint's thread hosts nobody");
    }

    private static Task AskAsync(EndpointLoop loop, Action action)
    {
        var ask = new Ask(action);
        loop.Post(ask);
        return ask.Task.WaitAsync(Patience);
    }

    private sealed class Guest(Action action, GuestRecord? record = null) : ILoopGuest
    {
        private readonly TaskCompletionSource _done = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task Task => _done.Task;

        public GuestRecord Record { get; } = record ?? new();

        public void Execute() => Do(action, _done);
    }

    private sealed class Ask(Action action) : ILoopItem
    {
        private readonly TaskCompletionSource _done = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task Task => _done.Task;

        public void Run(TimeSpan now) => Do(action, _done);

        public void Refuse() => _done.TrySetException(new ObjectDisposedException(nameof(EndpointLoop)));
    }

    private static void Do(Action action, TaskCompletionSource done)
    {
        try
        {
            action();
            done.TrySetResult();
        }
        catch (Exception exception)
        {
            done.TrySetException(exception);
        }
    }
}
