using System.Text;

namespace Coco.Cli;

/// <summary>Asks a person for a passphrase without showing it.</summary>
internal static class Passphrase
{
    /// <summary>What was typed; null when there is nobody to ask or the answer was broken off.</summary>
    public static string? Ask(string prompt)
    {
        // A pipe is one line: scripts hand a passphrase over without a terminal.
        if (Console.IsInputRedirected) { return Console.In.ReadLine(); }

        Console.Error.Write(prompt);
        var typed = new StringBuilder();
        while (true)
        {
            var key = Console.ReadKey(intercept: true);
            switch (key.Key)
            {
                case ConsoleKey.Enter:
                    Console.Error.WriteLine();
                    return typed.ToString();
                case ConsoleKey.Escape:
                    Console.Error.WriteLine();
                    return null;
                case ConsoleKey.Backspace when typed.Length > 0:
                    typed.Length--;
                    break;
                default:
                    if (!char.IsControl(key.KeyChar)) { typed.Append(key.KeyChar); }
                    break;
            }
        }
    }
}
