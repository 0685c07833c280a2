using System.Globalization;
using Coco.Cli.Api;
using Coco.Cli.Commands;
using Spectre.Console;

namespace Coco.Cli.Demo;

/// <summary>Tells what the demo does and what it measured; keeps the figures.</summary>
internal sealed class DemoTale(Shell shell, bool isSilent)
{
    // Chosen: what is shorter needs no explanation.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    private readonly List<DemoFigure> _figures = [];
    private readonly List<(string What, string Figure)> _rows = [];
    private string _step = "";
    private int _steps;

    public IReadOnlyList<DemoFigure> Figures => _figures;

    public void Heading(string step, string text)
    {
        _step = step;
        Write("");
        Write("", $"{++_steps}  {text}", "bold");
    }

    /// <summary>Shows what a person would type, where.</summary>
    public void Command(DemoMember member, string command) => Write("   ", $"{member.Name} $ {command}", "dim");

    public void Say(string text) => Write("   ", text);

    /// <summary>Says more of what was found.</summary>
    public void Add(string text) => Write("       ", text);

    /// <summary>What was found to hold. To be called only behind the checks that it rests on.</summary>
    public void Found(string text) => Write("       ", text, mark: "   [green]ok[/]  ");

    /// <summary>Keeps a figure, and what the summary is to say.</summary>
    public void Figure(string what, double value, string unit, string? inSummary = null)
    {
        _figures.Add(new(_step, what, Math.Round(value, 3), unit));
        if (inSummary is not null) { _rows.Add((what, inSummary)); }
    }

    public void Summarise()
    {
        Write("");
        Write("", "What was measured", "bold");
        if (isSilent) { return; }
        var table = Tables.Of("WHAT", "FIGURE");
        foreach (var (what, figure) in _rows) { table.AddRow(Markup.Escape(what), Markup.Escape(figure)); }
        shell.Screen.Write(new Padder(table, new Padding(3, 0, 0, 0)));
    }

    /// <summary>Waits, and shows on a terminal for what, where it takes more than a second.</summary>
    public async Task<T> DuringAsync<T>(string what, Task<T> task)
    {
        if (isSilent || !shell.Notes.Profile.Capabilities.Interactive || await Task.WhenAny(task, Task.Delay(Patience)) == task) { return await task; }
        return await shell.Notes.Status().StartAsync(Markup.Escape(what), _ => task);
    }

    public async Task DuringAsync(string what, Task task) => await DuringAsync(what, WithAnswer(task));

    /// <summary>Ends the demo unless something holds.</summary>
    public static void Require(bool holds, string otherwise)
    {
        if (!holds) { throw new CommandException(ExitCode.Failed, $"The demo FAILED: {otherwise}. `coco demo --keep` leaves all running to be looked at, with its logs."); }
    }

    public static string Time(double ms) => ms >= 1000 ? string.Create(CultureInfo.InvariantCulture, $"{ms / 1000:0.0} s") : string.Create(CultureInfo.InvariantCulture, $"{ms:0.0} ms");

    public static string Number(double value) => value.ToString("#,0", CultureInfo.InvariantCulture);

    private static async Task<bool> WithAnswer(Task task)
    {
        await task;
        return true;
    }

    // The screen would go on at its left edge where a line is full.
    private void Write(string margin, string text = "", string style = "default", string? mark = null)
    {
        if (isSilent) { return; }
        var room = Math.Max(20, shell.Screen.Profile.Width - margin.Length - 1);
        var indent = text.Length - text.TrimStart().Length;
        while (text.Length > room)
        {
            var end = text.LastIndexOf(' ', room);
            if (end <= indent) { break; } // a word without end
            shell.Screen.MarkupLine($"{mark ?? margin}[{style}]{Markup.Escape(text[..end])}[/]");
            (text, mark) = (new string(' ', indent) + text[(end + 1)..], null);
        }
        shell.Screen.MarkupLine($"{mark ?? margin}[{style}]{Markup.Escape(text)}[/]");
    }
}
