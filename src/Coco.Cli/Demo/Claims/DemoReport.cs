namespace Coco.Cli.Demo.Claims;

/// <summary>Prints what has been found to hold, a line each.</summary>
internal sealed class DemoReport(TextWriter output)
{
    /// <summary>Facts told so far.</summary>
    public int Facts { get; private set; }

    public void Heading(string text)
    {
        output.WriteLine();
        output.WriteLine(text);
    }

    public void Note(string text) => output.WriteLine($"      {text}");

    /// <summary>Tells a fact. To be called only behind the checks that it rests on.</summary>
    public void Fact(string text)
    {
        Facts++;
        output.WriteLine($"  ok  {text}");
    }

    /// <summary>Ends the demo unless something holds.</summary>
    public static void Require(bool holds, string otherwise)
    {
        if (!holds) { throw new DemoFailedException(otherwise); }
    }
}
