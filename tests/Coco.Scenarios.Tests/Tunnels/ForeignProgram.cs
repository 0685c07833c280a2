using System.Diagnostics;
using System.Security.Cryptography;
using Coco.Lab;

namespace Coco.Scenarios.Tests.Tunnels;

/// <summary>A program that knows nothing of Coco, run to its end.</summary>
internal static class ForeignProgram
{
    /// <summary>Skips the test where one is not installed; fails it where everything has to be.</summary>
    public static void Require(params ReadOnlySpan<string> names)
    {
        var reason = LabSupport.ReasonWithout(names);
        Assert.False(reason is not null && LabSupport.MustRun, reason);
        Assert.SkipWhen(reason is not null, reason ?? "");
    }

    /// <summary>Runs it; answers with the SHA-256 of its output, and with what it said on its standard error.</summary>
    /// <param name="name">The program.</param>
    /// <param name="arguments">Its arguments.</param>
    /// <param name="progress">Told how much has come so far; reading waits for nothing else.</param>
    /// <param name="cancellationToken">Kills it.</param>
    public static async Task<(string Sha256, string Said)> HashAsync(string name, string[] arguments, Action<long>? progress, CancellationToken cancellationToken)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var total = 0L;
        var said = await RunAsync(name, arguments, [], bytes =>
        {
            hash.AppendData(bytes.Span);
            progress?.Invoke(total += bytes.Length);
        }, cancellationToken);
        return (Convert.ToHexString(hash.GetHashAndReset()), said);
    }

    /// <summary>Runs it with this input; answers with its output.</summary>
    public static async Task<string> TextAsync(string name, string[] arguments, byte[] input, CancellationToken cancellationToken)
    {
        var output = new MemoryStream();
        await RunAsync(name, arguments, input, bytes => output.Write(bytes.Span), cancellationToken);
        return System.Text.Encoding.UTF8.GetString(output.ToArray());
    }

    private static async Task<string> RunAsync(string name, string[] arguments, byte[] input, Action<ReadOnlyMemory<byte>> take, CancellationToken cancellationToken)
    {
        using var process = Process.Start(new ProcessStartInfo(name, arguments) { UseShellExecute = false, RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true })!;
        using var killing = cancellationToken.Register(process.Kill);
        var saying = process.StandardError.ReadToEndAsync(CancellationToken.None);
        await process.StandardInput.BaseStream.WriteAsync(input, cancellationToken);
        process.StandardInput.Close();
        var buffer = new byte[256 << 10];
        while (await process.StandardOutput.BaseStream.ReadAsync(buffer, cancellationToken) is > 0 and var count) { take(buffer.AsMemory(0, count)); }
        await process.WaitForExitAsync(cancellationToken);
        var said = await saying;
        Assert.True(process.ExitCode == 0, $"{name} ended with {process.ExitCode}: {said}");
        return said;
    }
}
