using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Coco.Cli.Api;
using Coco.Cli.Client;
using Spectre.Console;

namespace Coco.Cli.Commands;

/// <summary>A command under way: what was typed, the daemon, and where to print.</summary>
internal sealed class Invocation(Shell shell, ParseResult parsed, CancellationToken stopping) : IDisposable
{
    // Chosen: what is shorter needs no explanation.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    private DaemonClient? _daemon;

    public Shell Shell { get; } = shell;

    public CancellationToken Stopping { get; } = stopping;

    public DaemonClient Daemon => _daemon ??= new(Shell);

    public TextWriter Output => Shell.Output;

    public bool IsJson => parsed.GetValue<bool>(CommonOptions.JsonName);

    public T? Get<T>(string option) => parsed.GetValue<T>(option);

    public T? Get<T>(Option<T> option) => parsed.GetValue(option);

    public T? Get<T>(Argument<T> argument) => parsed.GetValue(argument);

    public T Need<T>(Argument<T> argument)
        where T : notnull => parsed.GetRequiredValue(argument);

    /// <summary>Prints an answer as JSON, or lets it be told.</summary>
    public void Print<T>(T answer, Action<T> tell)
    {
        if (!IsJson)
        {
            tell(answer);
            return;
        }
        Output.WriteLine(JsonSerializer.Serialize(answer, (JsonTypeInfo<T>)ApiJson.Default.GetTypeInfo(typeof(T))!));
    }

    public void Print(Table table) => Shell.Screen.Write(table);

    /// <summary>Waits, and shows on a terminal for what, where it takes more than a second.</summary>
    public async Task<T> WaitAsync<T>(string what, Task<T> task)
    {
        if (!Shell.Notes.Profile.Capabilities.Interactive || await Task.WhenAny(task, Task.Delay(Patience, Stopping)) == task) { return await task; }
        return await Shell.Notes.Status().StartAsync(Markup.Escape(what), _ => task);
    }

    /// <summary>Whether somebody at a terminal says yes.</summary>
    public bool Confirms(string question)
    {
        if (!Shell.CanAsk) { return false; }
        Shell.Error.Write($"{question} [y/N] ");
        return Console.In.ReadLine() is "y" or "Y" or "yes";
    }

    public void Dispose() => _daemon?.Dispose();
}
