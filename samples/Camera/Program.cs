// A live stream as cameras make it: a large frame each second that stands by itself, and small ones that build on it. Who watches gets them in order and
// in time or not at all, and says how it went.
//
//   dotnet run --project samples/Camera film              prints two tickets, and publishes until Enter is pressed
//   dotnet run --project samples/Camera watch TICKET      plays until Enter is pressed, and reports each second
using System.Security.Cryptography;
using Coco;
using Coco.Cluster;
using Coco.Cluster.Policies;
using Coco.Media;

const string Filmer = "camera";
const string Stream = "camera/door";
const int FramesPerSecond = 25;
var app = new AppId("org.example.camera");
using var enough = new CancellationTokenSource();
try
{
    switch (args)
    {
        case ["film"]:
            await FilmAsync();
            return 0;
        case ["watch", var ticket]:
            await WatchAsync(ticket);
            return 0;
        default:
            Console.Error.WriteLine("usage: Camera film | watch TICKET");
            return 2;
    }
}
catch (CocoException failure)
{
    Console.Error.WriteLine(failure.Message);
    return 1;
}

async Task FilmAsync()
{
    await using var node = await Node.CreateNetworkAsync(new() { Name = "cameras" }, new() { Name = Filmer, App = app });
    // Nobody but the owner may watch unless the policy says so.
    if (Policy.TryParse($"coco policy 1\nallow subscribe {Stream} from anyone\n", out var policy, out _)) { await node.SetPolicyAsync(policy); }
    await using var stream = await node.Streams.PublishAsync(Stream);
    var filming = WriteFramesAsync(stream.AddTrack("video", new() { Deadline = TimeSpan.FromMilliseconds(400), IsDependent = true }));
    Console.WriteLine($"ticket {(await node.InviteAsync()).ToText()}");
    Console.WriteLine($"another ticket {(await node.InviteAsync()).ToText()}");
    Console.ReadLine();
    await enough.CancelAsync();
    await filming.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
}

// Stands for an encoder: about 2 Mb/s. Writing waits for nobody; who is too slow for all of it gets what it can take.
async Task WriteFramesAsync(PublishedTrack video)
{
    var frame = RandomNumberGenerator.GetBytes(48_000);
    using var shutter = new PeriodicTimer(TimeSpan.FromSeconds(1) / FramesPerSecond);
    for (var number = 0; await shutter.WaitForNextTickAsync(enough.Token); number++)
    {
        var isKey = number % FramesPerSecond == 0;
        video.Write(frame.AsSpan(0, isKey ? 48_000 : 8_000), startsGroup: isKey);
    }
}

async Task WatchAsync(string ticket)
{
    await using var node = await Node.JoinAsync(ticket, new() { Name = $"viewer-{Guid.NewGuid():N}"[..12], App = app });
    // It sends the stream on to two others, if the camera has more viewers than it can serve.
    await using var subscription = await node.Streams.SubscribeAsync(Filmer, Stream, new() { Rebroadcasts = 2 });
    var playing = PlayAsync(subscription);
    if (await Task.WhenAny(playing, Task.Run(Console.ReadLine)) != playing) { await enough.CancelAsync(); }
    await playing.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    var figures = subscription.Statistics;
    Console.WriteLine($"in all {figures.ObjectsReceived} frames, {figures.BytesReceived:N0} bytes, {figures.ObjectsLost} lost, {figures.ObjectsLate} of them late");
}

async Task PlayAsync(StreamSubscription subscription)
{
    var (frames, lost, sum, worst) = (0, 0L, TimeSpan.Zero, TimeSpan.Zero);
    await foreach (var frame in subscription.ReadAllAsync(enough.Token))
    {
        lost += frame.Lost;
        if (frame.IsCatchUp) { continue; } // of the group that was under way: it was published before we came
        (frames, sum, worst) = (frames + 1, sum + frame.Latency, frame.Latency > worst ? frame.Latency : worst);
        if (frame.Index != 0 || frames < FramesPerSecond) { continue; }
        Console.WriteLine($"{frames} frames, {lost} lost; latency {sum.TotalMilliseconds / frames:F1} ms on average, {worst.TotalMilliseconds:F1} ms at worst");
        (frames, lost, sum, worst) = (0, 0, TimeSpan.Zero, TimeSpan.Zero);
    }
}
