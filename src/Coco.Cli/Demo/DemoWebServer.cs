using System.Globalization;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Coco.Cli.Demo;

/// <summary>
/// A web server that knows nothing of Coco, on a port of 127.0.0.1 that it prints: <c>/file</c> has 64 MB, <c>/live</c> goes on until
/// <c>/enough</c> is asked for, and <c>/file.sha256</c> and <c>/live.sha256</c> have the sums of what was sent.
/// </summary>
internal static class DemoWebServer
{
    public const int FileSize = 64_000_000;

    // Chosen: a high-quality video's some times over, and far below what a slow machine's relay carries.
    public const int LiveBytesPerSecond = 5_000_000;

    private const int Chunk = 100_000;

    public static async Task RunAsync(TextWriter output, CancellationToken stopping)
    {
        var file = RandomNumberGenerator.GetBytes(FileSize);
        var sum = Convert.ToHexStringLower(SHA256.HashData(file));
        using var live = new LiveFeed();
        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(static kestrel => kestrel.Listen(System.Net.IPAddress.Loopback, 0));
        await using var application = builder.Build();
        application.Run(http => http.Request.Path.Value switch
        {
            "/" => http.Response.WriteAsync("Hello from bob's web server.\n", http.RequestAborted),
            "/file" => SendAsync(http, file),
            "/file.sha256" => http.Response.WriteAsync(sum, http.RequestAborted),
            "/live" => live.SendAsync(http),
            "/enough" => live.EndAsync(http),
            "/live.sha256" => http.Response.WriteAsync(live.Sum, http.RequestAborted),
            _ => MissAsync(http),
        });
        await application.StartAsync(stopping);
        var address = application.Services.GetRequiredService<Microsoft.AspNetCore.Hosting.Server.IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();
        output.WriteLine(new Uri(address).Port.ToString(CultureInfo.InvariantCulture));
        output.Flush();
        await Task.Delay(Timeout.Infinite, stopping).ContinueWith(static _ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
    }

    private static async Task SendAsync(HttpContext http, byte[] file)
    {
        http.Response.ContentLength = file.Length;
        await http.Response.Body.WriteAsync(file, http.RequestAborted);
    }

    private static Task MissAsync(HttpContext http)
    {
        http.Response.StatusCode = StatusCodes.Status404NotFound;
        return http.Response.WriteAsync("There is nothing here.\n", http.RequestAborted);
    }

    /// <summary>Random bytes at a steady rate, until enough is said.</summary>
    private sealed class LiveFeed : IDisposable
    {
        private readonly CancellationTokenSource _enough = new();

        public string Sum { get; private set; } = "";

        public Task EndAsync(HttpContext http)
        {
            _enough.Cancel();
            return http.Response.WriteAsync("It ends.\n", http.RequestAborted);
        }

        public async Task SendAsync(HttpContext http)
        {
            using var sum = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            using var beat = new PeriodicTimer(TimeSpan.FromSeconds((double)Chunk / LiveBytesPerSecond));
            var chunk = new byte[Chunk];
            while (!_enough.IsCancellationRequested)
            {
                RandomNumberGenerator.Fill(chunk);
                sum.AppendData(chunk);
                await http.Response.Body.WriteAsync(chunk, http.RequestAborted);
                await beat.WaitForNextTickAsync(http.RequestAborted);
            }
            Sum = Convert.ToHexStringLower(sum.GetHashAndReset()); // before the body ends, so that who has it all can ask
        }

        public void Dispose() => _enough.Dispose();
    }
}
