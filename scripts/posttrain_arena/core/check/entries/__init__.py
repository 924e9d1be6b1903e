"""What an entry is made of beside task packages: its manifest, its folders, its skills, its agent."""
